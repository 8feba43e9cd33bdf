"""``python -m dispatcher.player``: one speaker in the foreground, until SIGTERM or Ctrl-C."""

import argparse
import logging
import signal
import threading
from pathlib import Path

from dispatcher.player.config import Config, read_key, read_trust
from dispatcher.player.speaker import run


def main() -> None:
    """Read the command line, then be a speaker."""
    parser = _parser()
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        config = Config(
            url=given.url,
            device=given.device,
            key=read_key(given.key_file),
            trust=read_trust(given.trust),
            state=given.state,
            sink=given.sink,
            speed=given.speed,
            rtc=given.rtc,
            wall_error_s=given.wall_error_s,
        )
        run(config, stopping)
    except (OSError, ValueError) as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loa speaker", description="A networked loudspeaker.")
    add = parser.add_argument
    add("--url", required=True, help="root of the server, https://…")
    add("--device", required=True, help="the speaker's id")
    add("--key-file", required=True, type=Path, help="32 bytes in hexadecimal, from enrolment")
    add("--trust", required=True, action="append", help="[drill:]kid=base64 of an Ed25519 key")
    add("--state", required=True, type=Path, help="a directory that survives a restart")
    add("--sink", default="null", help="null, file:DIR or alsa")
    add("--speed", type=float, default=1.0, help="play N times faster into null or file")
    add("--rtc", action="store_true", help="the host's clock is kept by a battery: believe it")
    add("--wall-error-s", type=float, default=0.0, help="pretend the host's clock is wrong (tests)")
    return parser


if __name__ == "__main__":
    main()
