//! What a thread that hashes keeps from one hash to the next.

use ::argon2::Block;

/// Memory that Argon2 works in, allocated once, and a count of the hashes that were made.
#[derive(Debug, Default)]
pub struct Memory {
    blocks: Vec<Block>,
    hashes: u64,
}

impl Memory {
    /// Memory that takes no room yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many passwords were hashed or checked with it.
    pub fn hashes(&self) -> u64 {
        self.hashes
    }

    pub(super) fn count(&mut self) {
        self.hashes += 1;
    }

    /// So many blocks of it; `None` if the machine has not so many.
    pub(super) fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        if self.blocks.len() < count {
            self.blocks.try_reserve_exact(count - self.blocks.len()).ok()?;
            self.blocks.resize(count, Block::new());
        }
        Some(&mut self.blocks[..count])
    }

    /// Gives back what is more than so many blocks.
    pub(crate) fn shrink_to(&mut self, blocks: usize) {
        self.blocks.truncate(blocks);
        self.blocks.shrink_to_fit();
    }

    /// Blocks that it holds.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.blocks.capacity()
    }
}
