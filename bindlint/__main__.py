"""The entry: `bindlint`, `python -m bindlint`. Nothing but `sys` and `os` is imported before the path is clean.

`python -m` puts the working directory first on the module path, where a stranger's repository could hold a `yaml.py`
(pylint-dev/pylint#3386). There is no `from __future__ import annotations` here because that is an import, too.
"""

import os
import sys


def _forget_working_directory() -> None:
    """Drop the working directory from the module path, however it got there (`-m`, an empty entry, PYTHONPATH=.)."""
    here = os.path.realpath(os.curdir)
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]


def main() -> int:
    """Run the command line in `sys.argv`; return the exit code. 0 and 1 are verdicts, so no failure ends with them."""
    _forget_working_directory()
    try:
        from bindlint.cli import main as run  # noqa: PLC0415 - the path must be clean first
    except ImportError as error:
        sys.stderr.write(f"bindlint: internal error: the installation is incomplete: {error}\n")
        return 3
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
