"""Lone episodes composed of films' tracks: `film_tracks` reads films, `composer` joins them."""
