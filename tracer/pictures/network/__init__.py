"""The network as a picture: its pieces, one sample's forward pass, or its backward pass."""
