//! The one signal type of the widget.
//!
//! `RwSignal<T>` compiles the whole signal machinery once for every `T` (measured: a fifth of the
//! module). [`State`] keeps the value behind one erased type and leaves to Leptos what Leptos is
//! for: who is told of a change, and when everything is disposed of.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::{LocalStorage, Notify, Track, untrack};
use leptos::reactive::effect::RenderEffect;
use leptos::reactive::owner::ArenaItem;
use leptos::reactive::signal::ArcTrigger;

/// What every state is in the arena, whatever it holds.
#[derive(Clone)]
struct Place {
    changed: ArcTrigger,
    /// A `RefCell<T>`.
    value: Rc<dyn Any>,
}

type Handle = ArenaItem<Place, LocalStorage>;

/// A value that views follow. A handle: copying it does not copy the value. The value lives as
/// long as the reactive owner it was made under; after that, reads answer `None` where they can
/// and writes do nothing.
pub(crate) struct State<T> {
    place: Handle,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

// What is not generic is compiled once.

fn keep(value: Rc<dyn Any>) -> Handle {
    ArenaItem::new_with_storage(Place {
        changed: ArcTrigger::new(),
        value,
    })
}

/// The value; `None` once it was disposed of.
#[inline(never)]
fn find(place: Handle, follow: bool) -> Option<Rc<dyn Any>> {
    let place = place.try_get_value()?;
    if follow {
        place.changed.track();
    }
    Some(place.value)
}

#[inline(never)]
fn tell(place: Handle) {
    if let Some(place) = place.try_get_value() {
        place.changed.notify();
    }
}

#[cold]
#[allow(clippy::panic)]
fn gone() -> ! {
    panic!("a state was read after its widget left the page")
}

impl<T: 'static> State<T> {
    /// A state with its first value.
    pub(crate) fn new(value: T) -> Self {
        Self {
            place: keep(Rc::new(RefCell::new(value))),
            kind: PhantomData,
        }
    }

    /// A state that follows others; it changes only when `value` gives something different.
    pub(crate) fn following(value: impl Fn() -> T + 'static) -> Self
    where
        T: PartialEq,
    {
        // Whoever builds the view must not follow what only this state follows.
        let state = Self::new(untrack(&value));
        let effect = RenderEffect::new(move |_: Option<()>| {
            let now = value();
            if state.try_with_untracked(|before| *before != now) == Some(true) {
                state.set(now);
            }
        });
        // The effect runs for as long as somebody owns it.
        let _: State<RenderEffect<()>> = State::new(effect);
        state
    }

    /// Compiled once for each `T`, not for each way of reading it.
    #[inline(never)]
    fn cell(self, follow: bool) -> Option<Rc<RefCell<T>>> {
        find(self.place, follow)?.downcast().ok()
    }

    fn write(self, change: impl FnOnce(&mut T)) {
        if let Some(cell) = self.cell(false) {
            change(&mut cell.borrow_mut());
        }
    }

    /// Reads without following; `None` once it was disposed of.
    pub(crate) fn try_with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        let cell = self.cell(false)?;
        let value = cell.borrow();
        Some(read(&value))
    }

    /// Reads without following.
    ///
    /// # Panics
    /// Once it was disposed of: whoever waits must ask `App::alive` afterwards.
    pub(crate) fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let cell = self.cell(false).unwrap_or_else(|| gone());
        let value = cell.borrow();
        read(&value)
    }

    /// Reads and follows.
    ///
    /// # Panics
    /// As [`Self::with_untracked`].
    pub(crate) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let cell = self.cell(true).unwrap_or_else(|| gone());
        let value = cell.borrow();
        read(&value)
    }

    /// Whether both are handles to one state.
    pub(crate) fn is(self, other: Self) -> bool {
        match (self.cell(false), other.cell(false)) {
            (Some(mine), Some(theirs)) => Rc::ptr_eq(&mine, &theirs),
            _ => false,
        }
    }

    /// Changes the value; nobody is told.
    pub(crate) fn update_untracked(self, change: impl FnOnce(&mut T)) {
        self.write(change);
    }

    /// Changes the value.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        self.write(change);
        tell(self.place);
    }

    /// Replaces the value.
    pub(crate) fn set(self, value: T) {
        self.write(|place| *place = value);
        tell(self.place);
    }

    /// Replaces the value; nobody is told.
    pub(crate) fn set_untracked(self, value: T) {
        self.write(|place| *place = value);
    }
}

impl<T: Clone + 'static> State<T> {
    /// A copy of the value; follows it.
    pub(crate) fn get(self) -> T {
        self.with(T::clone)
    }

    /// A copy of the value, without following.
    pub(crate) fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}
