"""What happens when something fails: crashes, races, neighbours."""
