"""python -m dispatcher.sim twilio|smtp|zalo|carrier|all"""

import sys

from .launch import main

if __name__ == "__main__":
    main(sys.argv[1:])
