"""Real servers for the tests, one file each.

Each is looked for in the same order: an address in the environment, a program on this machine, a
program from a wheel of the dev lock. When none is there the test fails; it is never skipped.
"""
