"""``python -m jupyter_mlops``: the same as ``jupyter mlops``."""

import sys

from jupyter_mlops.cli import main

if __name__ == "__main__":
    sys.exit(main())
