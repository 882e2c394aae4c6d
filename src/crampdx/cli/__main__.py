"""`python -m crampdx.cli` runs the command line."""

from crampdx.cli import main

if __name__ == "__main__":
    main()
