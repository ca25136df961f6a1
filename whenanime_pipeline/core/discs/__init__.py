"""Which films the folder of a disc holds, from its playlists alone; nothing is decoded here.

- `titles`: what a title is, and which of a disc's are its main ones
- `mpls`, `ifo`: the playlists of Blu-ray discs and of DVDs
- `disc_folder`: the folder of a disc, and the files that stand for its titles
"""
