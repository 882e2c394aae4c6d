"""The same rules, given to several engines, each behind the same small protocol."""
