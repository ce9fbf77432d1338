//! The living of one kind: found by the caller's handle, reached by a dense index on the packet path.
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::{Index, IndexMut};

pub struct Table<Id, T> {
    rows: Vec<Option<T>>,
    free: Vec<usize>,
    index: HashMap<Id, usize>,
}

impl<Id: Copy + Eq + Hash, T> Default for Table<Id, T> {
    fn default() -> Table<Id, T> {
        Table {
            rows: Vec::new(),
            free: Vec::new(),
            index: HashMap::new(),
        }
    }
}

impl<Id: Copy + Eq + Hash, T> Table<Id, T> {
    /// The index that the next `insert` will use.
    pub fn next_index(&self) -> usize {
        self.free.last().copied().unwrap_or(self.rows.len())
    }

    pub fn insert(&mut self, id: Id, row: T) -> usize {
        let index = self.next_index();
        match self.free.pop() {
            Some(index) => self.rows[index] = Some(row),
            None => self.rows.push(Some(row)),
        }
        let before = self.index.insert(id, index);
        assert!(before.is_none(), "a handle names two");
        index
    }

    pub fn remove(&mut self, id: Id) -> Option<(usize, T)> {
        let index = self.index.remove(&id)?;
        self.free.push(index);
        self.rows[index].take().map(|row| (index, row))
    }

    pub fn index_of(&self, id: Id) -> Option<usize> {
        self.index.get(&id).copied()
    }

    pub fn get(&self, index: usize) -> Option<&T> {
        self.rows.get(index)?.as_ref()
    }

    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.rows.get_mut(index)?.as_mut()
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.rows
            .iter()
            .enumerate()
            .filter_map(|(index, row)| Some((index, row.as_ref()?)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut T)> {
        self.rows
            .iter_mut()
            .enumerate()
            .filter_map(|(index, row)| Some((index, row.as_mut()?)))
    }

    /// All indices that may live are below.
    pub fn end(&self) -> usize {
        self.rows.len()
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }
}

/// Of a living row; a dead index is a broken invariant.
impl<Id, T> Index<usize> for Table<Id, T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        self.rows[index].as_ref().expect("a row that lives")
    }
}

impl<Id, T> IndexMut<usize> for Table<Id, T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        self.rows[index].as_mut().expect("a row that lives")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_used_again_only_after_its_row_has_gone() {
        let mut table = Table::default();
        let (first, second) = (table.insert(7u32, 'a'), table.insert(9, 'b'));
        assert_ne!(first, second);
        assert_eq!(table.remove(7), Some((first, 'a')));
        assert_eq!(
            (table.index_of(7), table.get(first), table[second]),
            (None, None, 'b')
        );
        assert_eq!(table.insert(8, 'c'), first);
        assert_eq!(table.iter().map(|(_, &row)| row).collect::<String>(), "cb");
    }
}
