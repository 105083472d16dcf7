//! The icon family of every face.

/// The icon family: 24 units, 2 units of stroke, drawn for the widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Camera: the integration.
    Camera,
    /// Tick: done.
    Tick,
    /// Cross: remove.
    Cross,
    /// Ring with a stroke: something is wrong.
    Warning,
    /// Clock: wait.
    Clock,
    /// Two sheets: copy.
    Copy,
    /// Sheet with two rings: into a calendar.
    Calendar,
    /// Envelope: a mail.
    Envelope,
    /// Pencil: change.
    Pencil,
    /// Arrow that turns back: undo.
    Undo,
}

impl Icon {
    /// What `d` of the path says (SVG 2, section 9.3).
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Camera => "M3 7h12v10H3zM15 11l6-3v8l-6-3",
            Self::Tick => "M5 12.5l4.5 4.5L19 7.5",
            Self::Cross => "M6 6l12 12M18 6L6 18",
            Self::Warning => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7.5v5.5M12 16.4v.1",
            Self::Clock => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5.5l3.5 2",
            Self::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
            Self::Calendar => "M4 5h16v15H4zM4 10h16M9 3v4M15 3v4",
            Self::Envelope => "M3 5h18v14H3zM3 7l9 6l9-6",
            Self::Pencil => "M4 20l1-4.5L16.5 4L20 7.5L8.5 19zM14 6.5l3.5 3.5",
            Self::Undo => "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9",
        }
    }
}
