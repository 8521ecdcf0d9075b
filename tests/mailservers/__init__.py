"""Mail servers to send to: one that keeps a journal of what it accepted, one that fails as it is told, real ones."""
