"""What strangers send who mean harm, made by code: pictures, videos, addresses and paths."""
