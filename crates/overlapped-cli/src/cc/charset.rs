//! The character set of a source: Visual C++ reads the code page of the machine, UTF-16 and UTF-8; the compilers here read UTF-8.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// A source in UTF-8.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// In what it is written, if the compiler cannot read that itself.
    pub(crate) foreign: Option<&'static str>,
}

/// A character set by one of its many names; none if nobody knows it.
pub(crate) fn named(name: &str) -> Option<&'static Encoding> {
    let lower = name.to_ascii_lowercase();
    let number = lower.trim_start_matches("windows").trim_start_matches("cp").trim_start_matches(['-', '.', '_']);
    match number {
        "949" | "uhc" => Some(EUC_KR),
        "936" => Some(GB18030),
        "932" => Some(SHIFT_JIS),
        "950" => Some(BIG5),
        "1200" => Some(UTF_16LE),
        "1201" => Some(UTF_16BE),
        "65001" => Some(UTF_8),
        _ => Encoding::for_label(lower.as_bytes())
            .or_else(|| Encoding::for_label(format!("windows-{number}").as_bytes())),
    }
}

/// Decodes a source. What is no UTF-8 and no UTF-16 is in the character set that was asked for, or in the one it looks like.
pub(crate) fn decode(bytes: &[u8], asked: Option<&'static Encoding>) -> Decoded {
    if let Some((marked, length)) = Encoding::for_bom(bytes) {
        let text = marked.decode_without_bom_handling(&bytes[length..]).0.into_owned();
        return Decoded { text, foreign: (marked != UTF_8).then(|| name(marked)) };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: text.to_owned(), foreign: None },
        Err(_) => {
            let found = asked.unwrap_or_else(|| looks_like(bytes));
            let text = found.decode_without_bom_handling(bytes).0.into_owned();
            Decoded { text, foreign: Some(name(found)) }
        }
    }
}

/// As users of Visual C++ call it.
fn name(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "EUC-KR" => "cp949",
        "windows-1252" => "cp1252",
        "Shift_JIS" => "cp932",
        other => other,
    }
}

/// Which code page the bytes look like, by the ways in which bytes beyond ASCII stand together.
pub(crate) fn looks_like(bytes: &[u8]) -> &'static Encoding {
    let shape = Shape::of(bytes);
    let reads =
        |encoding: &'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    // Hiragana and katakana: in no other text are so many of these bytes.
    if shape.kana * 3 > shape.pairs && reads(SHIFT_JIS) {
        return SHIFT_JIS;
    }
    // An accented letter or a typographic quote stands alone; the characters of Asia come in pairs of bytes.
    if shape.single * 2 > shape.runs {
        return WINDOWS_1252;
    }
    // Chinese text in cp936 is mostly good cp949, too, but nearly half of it would be rare hanja.
    if shape.beyond_hangul * 10 <= shape.pairs && reads(EUC_KR) {
        return EUC_KR;
    }
    [GB18030, EUC_KR, SHIFT_JIS].into_iter().find(|encoding| reads(encoding)).unwrap_or(WINDOWS_1252)
}

/// How bytes beyond ASCII stand in a text.
#[derive(Default)]
struct Shape {
    /// Sequences of such bytes, and those of a single one.
    runs: usize,
    single: usize,
    /// Pairs of a first and a second byte; those whose first is one of kana in cp932; those whose first is beyond hangul in cp949.
    pairs: usize,
    kana: usize,
    beyond_hangul: usize,
}

impl Shape {
    fn of(bytes: &[u8]) -> Self {
        let mut shape = Self::default();
        for run in bytes.split(u8::is_ascii).filter(|run| !run.is_empty()) {
            shape.runs += 1;
            shape.single += usize::from(run.len() == 1);
        }
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii() {
                at += 1;
                continue;
            }
            shape.pairs += 1;
            shape.kana += usize::from(matches!(byte, 0x81..=0x83));
            shape.beyond_hangul += usize::from(byte > 0xC8);
            at += 2;
        }
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found for a text in a character set.
    fn found(encoding: &'static Encoding, text: &str) -> Decoded {
        let bytes = encoding.encode(text).0;
        assert!(std::str::from_utf8(&bytes).is_err(), "a test of nothing");
        decode(&bytes, None)
    }

    #[test]
    fn code_pages_are_told_apart() {
        for (encoding, name, text) in [
            (EUC_KR, "cp949", "// 클라이언트 접속 : [IP:%s]\nprintf(\"서버 시작\\n\"); // 뷁"),
            (EUC_KR, "cp949", "wcout << L\"가\";"),
            (GB18030, "gb18030", "// 创建完成端口，等待客户端连接\nprintf(\"服务器启动\\n\");"),
            (SHIFT_JIS, "cp932", "// サーバーを開始します。クライアントを待つ"),
            (WINDOWS_1252, "cp1252", "// Größe für Zähler: “quoted” — naïve café"),
        ] {
            let decoded = found(encoding, text);
            assert_eq!(decoded.foreign, Some(name), "{text}");
            assert_eq!(decoded.text, text);
        }
    }

    #[test]
    fn utf_8_needs_nothing() {
        for bytes in ["int a;".as_bytes(), "// 한글".as_bytes(), "\u{feff}// 한글".as_bytes()] {
            let decoded = decode(bytes, Some(EUC_KR));
            assert_eq!(decoded.foreign, None);
            assert!(!decoded.text.starts_with('\u{feff}'));
        }
    }

    #[test]
    fn utf_16_is_known_by_its_mark() {
        let little: Vec<u8> = "\u{feff}// 한글".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let decoded = decode(&little, None);
        assert_eq!((decoded.text.as_str(), decoded.foreign), ("// 한글", Some("UTF-16LE")));
    }

    #[test]
    fn names_of_all_kinds() {
        for name in ["cp949", "CP949", "949", "euc-kr", "windows-949", "UHC", "ks_c_5601-1987"] {
            assert_eq!(named(name), Some(EUC_KR), "{name}");
        }
        assert_eq!(named("cp1252"), Some(WINDOWS_1252));
        assert_eq!(named("latin1"), Some(WINDOWS_1252));
        assert_eq!(named("klingon"), None);
    }
}
