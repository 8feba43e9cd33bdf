"""Evidence for outsiders: bundles, proofs of one delivery, and the program that checks them."""
