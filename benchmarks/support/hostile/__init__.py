"""What hostile clients send, made by code: pictures, videos, addresses and paths."""
