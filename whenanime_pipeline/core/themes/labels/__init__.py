"""The operator's word on themes: `themes.yaml`, edited by hand and by the page."""
