"""Rule files to a knowledge base, or every fault in them. Begin with `assembly`."""
