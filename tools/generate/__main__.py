"""`python -m tools.generate [--check]`: `make generate` and a part of `make lint`."""

import argparse
import sys

from tools.generate.run import run

parser = argparse.ArgumentParser(prog="python -m tools.generate", description="Write what derives from declarations.")
parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is not as generated")
sys.exit(run(check=parser.parse_args().check))
