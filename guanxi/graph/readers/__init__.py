"""From files to validated columns."""
