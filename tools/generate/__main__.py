"""`python -m exporter.generate`, the same as `bootsource-exporter generate`."""

import sys

from exporter.cli import main
from exporter.settings.options import GENERATE

sys.exit(main([GENERATE, *sys.argv[1:]]))
