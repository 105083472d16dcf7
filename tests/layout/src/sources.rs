//! The modules of a crate with the paths that are written in each.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::graph::Graph;

/// Re-exports that lead further than this go round in a circle.
const HOPS_MAX: usize = 32;

/// A crate's modules, in the order in which they are declared.
#[derive(Debug)]
pub struct Sources {
    modules: Vec<Module>,
}

/// One module: a file, or a part of one.
#[derive(Debug, Default)]
struct Module {
    /// Names below the crate's root.
    path: Vec<String>,
    /// Relative to the folder of the crate's root.
    file: PathBuf,
    parent: Option<usize>,
    children: HashMap<String, usize>,
    /// What is defined here.
    items: HashSet<String>,
    /// What a name stands for that was imported or is passed on.
    names: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    mentions: Vec<Mention>,
}

/// A path that is written somewhere.
#[derive(Debug)]
struct Mention {
    path: Vec<String>,
    line: usize,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// A module itself.
    Module(usize),
    /// Something in it.
    In(usize),
}

impl Sources {
    /// Reads a crate from its root, such as `proxy/src/lib.rs`.
    ///
    /// # Errors
    /// When a file is not there or cannot be parsed.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let folder = root.parent().context("a root in a folder")?;
        let mut sources = Self {
            modules: Vec::new(),
        };
        let name = root.file_name().context("a file")?;
        sources.read_file(folder, Path::new(name), folder, &[], None)?;
        Ok(sources)
    }

    /// Reads a file as the module `path`; its children lie in `children`.
    fn read_file(
        &mut self,
        base: &Path,
        file: &Path,
        children: &Path,
        path: &[String],
        parent: Option<usize>,
    ) -> anyhow::Result<usize> {
        let full = base.join(file);
        let text = std::fs::read_to_string(&full).with_context(|| full.display().to_string())?;
        let parsed = syn::parse_file(&text).with_context(|| full.display().to_string())?;
        self.read_items(base, file, children, path, parent, &parsed.items)
    }

    fn read_items(
        &mut self,
        base: &Path,
        file: &Path,
        children: &Path,
        path: &[String],
        parent: Option<usize>,
        items: &[syn::Item],
    ) -> anyhow::Result<usize> {
        let index = self.modules.len();
        self.modules.push(Module {
            path: path.to_vec(),
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        for item in items {
            let syn::Item::Mod(child) = item else {
                Reader(&mut self.modules[index]).visit_item(item);
                continue;
            };
            if is_test(&child.attrs) {
                continue;
            }
            let name = child.ident.to_string();
            let mut below = path.to_vec();
            below.push(name.clone());
            let folder = children.join(&name);
            let read = match &child.content {
                Some((_, items)) => {
                    self.read_items(base, file, &folder, &below, Some(index), items)?
                }
                None => {
                    let flat = children.join(format!("{name}.rs"));
                    let nested = folder.join("mod.rs");
                    let Some(found) = [flat, nested].into_iter().find(|path| path.exists()) else {
                        bail!("{}: no file for `mod {name}`", base.join(file).display());
                    };
                    let file = found.strip_prefix(base)?.to_owned();
                    self.read_file(base, &file, &folder, &below, Some(index))?
                }
            };
            self.modules[index].children.insert(name, read);
        }
        Ok(index)
    }

    /// What the files import of each other.
    pub fn files(&self) -> Graph {
        self.graph(|module| Some(module.file.display().to_string()))
    }

    /// What the rooms import of each other: the modules at the top, each with everything below it. The
    /// crate's root, which declares them, is none.
    pub fn rooms(&self) -> Graph {
        self.graph(|module| module.path.first().cloned())
    }

    fn graph(&self, node: impl Fn(&Module) -> Option<String>) -> Graph {
        let mut graph = Graph::default();
        for (index, module) in self.modules.iter().enumerate() {
            let Some(from) = node(module) else { continue };
            graph.add_node(&from);
            for mention in &module.mentions {
                let Some(Target::In(target)) = self.resolve(index, &mention.path, 0) else {
                    continue;
                };
                if let Some(to) = node(&self.modules[target]).filter(|to| *to != from) {
                    let place = format!("{}:{}", module.file.display(), mention.line);
                    graph.add(&from, &to, &format!("{place} {}", mention.path.join("::")));
                }
            }
        }
        graph
    }

    /// What `path`, written in module `from`, leads to in this crate.
    fn resolve(&self, from: usize, path: &[String], hops: usize) -> Option<Target> {
        if hops > HOPS_MAX {
            return None;
        }
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules[from].parent?),
            name => self.find(from, name, hops)?,
        };
        while let (Target::Module(module), Some((name, others))) = (at, rest.split_first()) {
            at = match name.as_str() {
                "self" => at,
                "super" => Target::Module(self.modules[module].parent?),
                // A name that a macro made is in the module as well.
                name => self.find(module, name, hops).unwrap_or(Target::In(module)),
            };
            rest = others;
        }
        Some(at)
    }

    /// What `name` means in a module.
    fn find(&self, module: usize, name: &str, hops: usize) -> Option<Target> {
        let known = &self.modules[module];
        if let Some(child) = known.children.get(name) {
            return Some(Target::Module(*child));
        }
        if known.items.contains(name) {
            return Some(Target::In(module));
        }
        if let Some(path) = known.names.get(name) {
            // `use chrono::Utc` names nothing of ours, and `use url;` itself.
            if path.len() == 1 && path[0] == name {
                return None;
            }
            return self.resolve(module, path, hops + 1);
        }
        known.globs.iter().find_map(|glob| {
            // What is imported whole is named by a whole path, or is of another crate.
            let start = glob.first().map(String::as_str);
            let ours = start.is_some_and(|name| {
                ["crate", "self", "super"].contains(&name) || known.children.contains_key(name)
            });
            let of = ours.then(|| self.resolve(module, glob, hops + 1))?;
            match of {
                Some(Target::Module(of)) if of != module => self.find(of, name, hops + 1),
                _ => None,
            }
        })
    }
}

/// Whether something is there for tests or the fuzzer only.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Ok(list) = attribute.meta.require_list() else {
            return attribute.path().is_ident("test");
        };
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg") && ["test", "feature = \"fuzzing\""].contains(&condition.as_str())
    })
}

/// Writes down what is defined, imported and mentioned.
struct Reader<'m>(&'m mut Module);

impl Reader<'_> {
    fn import(&mut self, tree: &syn::UseTree, before: &[String], passed_on: bool) {
        let line = tree.span().start().line;
        let mut path = before.to_vec();
        match tree {
            syn::UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.import(&step.tree, &path, passed_on);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before, passed_on);
                }
            }
            syn::UseTree::Name(name) => self.name(&name.ident, &name.ident, path, line, passed_on),
            syn::UseTree::Rename(name) => {
                self.name(&name.ident, &name.rename, path, line, passed_on);
            }
            syn::UseTree::Glob(_) => self.0.globs.push(path),
        }
    }

    fn name(
        &mut self,
        what: &syn::Ident,
        shown: &syn::Ident,
        mut path: Vec<String>,
        line: usize,
        passed_on: bool,
    ) {
        let mut shown = shown.to_string();
        if what == "self" {
            // `use crate::store::{self}`.
            if shown == "self" {
                shown = path.last().cloned().unwrap_or_default();
            }
        } else {
            path.push(what.to_string());
        }
        if !passed_on {
            self.mention(path.clone(), line);
        }
        if shown != "_" {
            self.0.names.insert(shown, path);
        }
    }

    fn mention(&mut self, path: Vec<String>, line: usize) {
        if path.len() > 1 {
            self.0.mentions.push(Mention { path, line });
        }
    }

    /// Paths in what a macro is called with: `a::b` in a row.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut line = 0;
        for tree in tokens {
            match tree {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.mention(std::mem::take(&mut path), line);
                        path.clear();
                        line = name.span().start().line;
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(sign) if sign.as_char() == ':' => colons += 1,
                other => {
                    self.mention(std::mem::take(&mut path), line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.mention(path, line);
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item(&mut self, item: &'a syn::Item) {
        let (name, attributes) = match item {
            syn::Item::Const(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Enum(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
            syn::Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
            syn::Item::Static(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Struct(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Trait(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Type(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Union(item) => (Some(&item.ident), &item.attrs),
            syn::Item::Impl(item) => (None, &item.attrs),
            syn::Item::Use(item) => (None, &item.attrs),
            _ => return visit::visit_item(self, item),
        };
        if is_test(attributes) {
            return;
        }
        self.0.items.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let passed_on = !matches!(item.vis, syn::Visibility::Inherited);
        if item.leading_colon.is_none() {
            self.import(&item.tree, &[], passed_on);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|part| part.ident.to_string());
            self.mention(names.collect(), path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    /// `pub(in crate::http)` imports nothing.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}
}
