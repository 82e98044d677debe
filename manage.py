#!/usr/bin/env python
"""Countersign's command line."""

import gc
import json
import os
import sys


def main() -> int:
    """Run one command; a wrong setting or a database that cannot start is one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.project.settings")
    gc.set_threshold(20_000, 20, 20)  # importing makes many objects that stay; no need to look often
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from coordination.project.places import PostgresError

    try:
        import coordination.project.settings  # noqa: F401 - read early, so that a wrong value is reported by name

        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, PostgresError) as error:
        said = f"{type(error).__name__}: {error}"
        print(said, file=sys.stderr)  # noqa: T201
        if "--json" in sys.argv:
            print(json.dumps({"error": said}))  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
