"""Who may call: JSON Web Tokens of known clients, and the headers that browsers obey."""
