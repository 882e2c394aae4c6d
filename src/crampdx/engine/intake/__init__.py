"""What a record says, as findings that are present, absent or unknown. Begin with `reader`."""
