"""Vietnamese text to words, words to sound: verbaliser, synthesis, loudness and codecs."""
