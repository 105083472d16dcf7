//! Who imports whom, and the circles in it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;

/// Who imports whom.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: BTreeMap<String, BTreeMap<String, String>>,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who imports.
    pub from: String,
    /// From whom.
    pub to: String,
    /// The first place where it is written, and what is written there.
    pub place: String,
}

impl Graph {
    pub(crate) fn add_node(&mut self, name: &str) {
        self.nodes.entry(name.to_owned()).or_default();
    }

    pub(crate) fn add(&mut self, from: &str, to: &str, place: &str) {
        self.add_node(to);
        let edges = self.nodes.entry(from.to_owned()).or_default();
        edges
            .entry(to.to_owned())
            .or_insert_with(|| place.to_owned());
    }

    /// The graph without some imports, named as who imports and from whom.
    #[must_use]
    pub fn without(mut self, imports: &[(&str, &str)]) -> Self {
        for (from, to) in imports {
            if let Some(edges) = self.nodes.get_mut(*from) {
                edges.remove(*to);
            }
        }
        self
    }

    /// Whether one imports something of the other.
    pub fn has(&self, from: &str, to: &str) -> bool {
        self.nodes
            .get(from)
            .is_some_and(|edges| edges.contains_key(to))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The shortest circles: one through each import that is on any, each told once.
    pub fn circles(&self) -> Vec<Vec<Edge>> {
        let mut circles = Vec::new();
        let mut told = BTreeSet::new();
        for (from, edges) in &self.nodes {
            for to in edges.keys() {
                if told.contains(&(from, to)) {
                    continue;
                }
                let Some(way_back) = self.way(to, from) else {
                    continue;
                };
                let mut circle = vec![(from, to)];
                circle.extend(way_back);
                told.extend(circle.iter().copied());
                let edge = |(from, to): (&String, &String)| Edge {
                    from: from.clone(),
                    to: to.clone(),
                    place: self.nodes[from][to].clone(),
                };
                circles.push(circle.into_iter().map(edge).collect());
            }
        }
        circles
    }

    /// The shortest way from one to another along imports.
    fn way<'g>(
        &'g self,
        from: &'g String,
        to: &'g String,
    ) -> Option<Vec<(&'g String, &'g String)>> {
        let mut came_from = BTreeMap::from([(from, None)]);
        let mut waiting = VecDeque::from([from]);
        while let Some(at) = waiting.pop_front() {
            if at == to {
                let mut way = Vec::new();
                let mut at = at;
                while let Some(before) = came_from[at] {
                    way.push((before, at));
                    at = before;
                }
                way.reverse();
                return Some(way);
            }
            for next in self.nodes.get(at)?.keys() {
                if !came_from.contains_key(next) {
                    came_from.insert(next, Some(at));
                    waiting.push_back(next);
                }
            }
        }
        None
    }

    /// The circles in words, one import a line; empty where there are none.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for circle in self.circles() {
            let _ = writeln!(text, "in a circle:");
            for Edge { from, to, place } in circle {
                let _ = writeln!(text, "  {from} -> {to}   {place}");
            }
        }
        text
    }

    /// A drawing for <https://mermaid.js.org>: an arrow from who imports to whom.
    pub fn mermaid(&self) -> String {
        let mut text = String::from("flowchart TD\n");
        let ids: BTreeMap<&String, usize> = self.nodes.keys().zip(0..).collect();
        for (name, id) in &ids {
            let _ = writeln!(text, "  n{id}[\"{name}\"]");
        }
        for (from, edges) in &self.nodes {
            for to in edges.keys() {
                let _ = writeln!(text, "  n{} --> n{}", ids[from], ids[to]);
            }
        }
        text
    }
}
