"""Cases: records with what is expected of their assessment, as tests of the rules."""
