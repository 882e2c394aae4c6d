"""The decision record: what is kept of each answer, and answers given again from it."""
