"""Real programs that people read feeds with, subscribed to a small installation that is served on this machine."""
