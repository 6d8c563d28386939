//! Decides how XML types, which only other Yjs clients make, are read: as their text in XML.

use super::pieces::pieces;
use super::value::{Value, plain_at};
use super::view::View;
use crate::sorted::SortedMap;
use yrs::{Out, Xml, XmlFragment, XmlOut, XmlTextRef};

/// Reads a node with what is in it, down to so many levels.
pub(super) fn read(node: XmlOut, view: &View, levels: usize) -> String {
    let mut written = String::new();
    write(&mut written, node, view, levels);
    written
}

fn write(into: &mut String, node: XmlOut, view: &View, levels: usize) {
    let Some(below) = levels.checked_sub(1) else { return };
    match node {
        XmlOut::Text(text) => write_text(into, &text, view),
        XmlOut::Fragment(fragment) => {
            fragment.children(view).for_each(|child| write(into, child, view, below));
        }
        XmlOut::Element(element) => {
            let tag = element.try_tag().cloned().unwrap_or_default();
            into.push_str(&format!("<{tag}"));
            for (name, value) in element.attributes(view) {
                write_attribute(into, name, &plain_at(value, view, below));
            }
            into.push('>');
            element.children(view).for_each(|child| write(into, child, view, below));
            into.push_str(&format!("</{tag}>"));
        }
    }
}

/// Formats are elements around the text, in the order of their names.
///
/// As yrs does in `get_string`, which however brings sorting and the writing of fractions: 25 kB, 8 kB in brotli.
fn write_text(into: &mut String, text: &XmlTextRef, view: &View) {
    for piece in pieces(text, view) {
        let formats: SortedMap<_, _> =
            piece.attributes.map(|formats| *formats).unwrap_or_default().into_iter().collect();
        let mut closing = String::new();
        for (name, value) in formats.iter() {
            into.push_str(&format!("<{name}"));
            if let Value::Map(attributes) = value {
                attributes.iter().for_each(|(name, value)| write_attribute(into, name, value));
            }
            into.push('>');
            closing.insert_str(0, &format!("</{name}>"));
        }
        if let Out::Any(value) = piece.insert {
            write_value(into, &value);
        }
        into.push_str(&closing);
    }
}

fn write_attribute(into: &mut String, name: &str, value: &Value) {
    into.push_str(&format!(" {name}=\""));
    write_value(into, value);
    into.push('"');
}

/// Strings as they are, everything else as JSON.
fn write_value(into: &mut String, value: &Value) {
    match value {
        Value::String(text) => into.push_str(text),
        other => {
            // It writes over what the string holds.
            let mut json = String::new();
            other.to_json(&mut json);
            into.push_str(&json);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use yrs::{Doc, GetString, Text, Transact, WriteTxn, XmlTextPrelim};

    #[test]
    fn formatted_text_reads_as_yrs_writes_it() {
        let doc = Doc::new();
        let mut txn = doc.transact_mut();
        let root = txn.get_or_insert_xml_fragment("xml");
        let text = root.push_back(&mut txn, XmlTextPrelim::new("plain, bold & linked"));
        let link = Value::from(HashMap::from([("href".to_owned(), Value::from("/a"))]));
        text.format(&mut txn, 7, 4, [("strong".into(), Value::from(true)), ("em".into(), Value::from(true))].into());
        text.format(&mut txn, 14, 6, [("a".into(), link)].into());
        text.insert_embed(&mut txn, 5, 12);
        let read = read(XmlOut::Text(text.clone()), &View::of(&txn), 9);
        assert_eq!(read, "plain12, <em><strong>bold</strong></em> & <a href=\"/a\">linked</a>");
        assert_eq!(read, text.get_string(&txn));
    }

    #[test]
    fn attributes_that_are_no_strings_read_as_json() {
        let mut written = String::new();
        write_attribute(&mut written, "sizes", &Value::from(vec![Value::from(1), Value::from(0.5)]));
        assert_eq!(written, " sizes=\"[1,0.5]\"");
    }
}
