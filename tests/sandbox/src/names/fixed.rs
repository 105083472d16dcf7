//! People whom tests and demos know.

/// The first people, the same in every sandbox: demos and tests know them by address.
/// First name, last name, the part of the address before `@`.
pub(crate) const FIXED: &[(&str, &str, &str)] = &[
    ("Élodie", "Martin", "elodie.martin"),
    ("Jürgen", "Groß", "juergen.gross"),
    ("Zoë", "O’Neill", "zoe.oneill"),
    ("Élodie", "Dupont", "elodie.dupont"),
    ("Éloïse", "Bernard", "eloise.bernard"),
    ("太郎", "山田", "taro.yamada"),
    ("محمد", "العلي", "mohammed.alali"),
    ("Łukasz", "Żółć", "lukasz.zolc"),
    ("Pieter", "van der Berg", "pieter.vanderberg"),
    ("Анна", "Кузнецова", "anna.kuznetsova"),
    ("דוד", "לוי", "david.levi"),
    ("Sean", "O'Connor", "sean.oconnor"),
    ("Anne-Marie", "Lefèvre", "anne-marie.lefevre"),
    ("小明", "王", "xiaoming.wang"),
    ("민준", "김", "minjun.kim"),
    ("Thị Minh Khai", "Nguyễn", "minhkhai.nguyen"),
    // The namesake of the first, on purpose: names do not identify.
    ("Élodie", "Martin", "elodie.martin2"),
    // Combining accents, as macOS and some directories write them.
    ("Jose\u{301}", "Garci\u{301}a", "jose.garcia"),
    ("Zoe\u{308}", "Bu\u{308}ttner", "zoe.buettner"),
    ("Suharto", "", "suharto"),
    ("", "", "conference.room.4"),
    ("Ingrid", "Sørensen", "ingrid.soerensen"),
    ("Aoife", "Ní Bhraonáin", "aoife.nibhraonain"),
    (
        "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Maximilian Ferdinand Theodor",
        "Freiherr von und zu Donaudampfschifffahrtsgesellschaftskapitänswitwe-Hohenstein",
        "hubert.freiherr",
    ),
    ("Þórður", "Jónsson", "thordur.jonsson"),
    ("İbrahim", "Çağlar", "ibrahim.caglar"),
    ("Ελένη", "Παπαδοπούλου", "eleni.papadopoulou"),
    ("สมชาย", "ใจดี", "somchai.jaidee"),
    (
        "María José",
        "de la Fuente y Álvarez",
        "mariajose.delafuente",
    ),
    ("प्रिया", "शर्मा", "priya.sharma"),
    ("", "N’Diaye", "ndiaye"),
    ("Xi", "Li", "xi.li"),
];

/// Place in [`FIXED`] of the organizer whose key is above `i64::MAX`.
pub(crate) const ABOVE_I64: usize = 21;
/// Place in [`FIXED`] of the organizer whose key has 26 digits.
pub(crate) const ABOVE_U64: usize = 22;
