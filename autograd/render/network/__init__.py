"""Pictures of networks: layers as columns of circles."""
