"""Pictures with known faces, and figures of face detection."""
