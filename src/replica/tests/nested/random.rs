//! Random edits of random nested types: against a plain model, and between replicas that meet now and then.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A type in the model, by its number.
#[derive(Clone, Debug)]
enum Node {
    Text(String),
    Map(BTreeMap<String, Slot>),
    List(Vec<Slot>),
}

/// What stands in a map or a list.
#[derive(Clone, Debug)]
enum Slot {
    Plain(Value),
    Type(usize),
}

/// All types that there ever were, each with its handle; none stands where it was deleted.
#[derive(Default)]
struct Model {
    nodes: Vec<(TypeId, Option<Node>)>,
}

impl Model {
    fn json(&self, node: usize) -> Value {
        let value = |slot: &Slot| match slot {
            Slot::Plain(value) => value.clone(),
            Slot::Type(node) => self.json(*node),
        };
        match self.nodes[node].1.as_ref().unwrap() {
            Node::Text(text) => text.as_str().into(),
            Node::Map(entries) => {
                entries.iter().map(|(key, slot)| (key.clone(), value(slot))).collect::<HashMap<_, _>>().into()
            }
            Node::List(items) => items.iter().map(value).collect::<Vec<_>>().into(),
        }
    }

    fn remove(&mut self, slot: Option<Slot>) {
        let Some(Slot::Type(node)) = slot else { return };
        match self.nodes[node].1.take().unwrap() {
            Node::Text(_) => {}
            Node::Map(entries) => entries.into_values().for_each(|slot| self.remove(Some(slot))),
            Node::List(items) => items.into_iter().for_each(|slot| self.remove(Some(slot))),
        }
    }

    fn add(&mut self, id: TypeId, node: Node) -> Slot {
        self.nodes.push((id, Some(node)));
        Slot::Type(self.nodes.len() - 1)
    }

    fn map(&mut self, node: usize) -> &mut BTreeMap<String, Slot> {
        match &mut self.nodes[node].1 {
            Some(Node::Map(entries)) => entries,
            other => panic!("not a map: {other:?}"),
        }
    }

    fn list(&mut self, node: usize) -> &mut Vec<Slot> {
        match &mut self.nodes[node].1 {
            Some(Node::List(items)) => items,
            other => panic!("not a list: {other:?}"),
        }
    }
}

/// One edit: which type, what to do with it, and two numbers that say where and how much.
type Step = (usize, usize, usize, usize);

fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..1000usize, 0..12usize, 0..1000usize, 0..4usize), 0..max)
}

const KEYS: [&str; 3] = ["a", "b", "c"];

/// A new type with some content, and what it is in the model.
fn new_type(salt: usize) -> (NewType, Node) {
    let value = Value::from(salt as u32);
    match salt % 3 {
        0 => (text(&salt.to_string()), Node::Text(salt.to_string())),
        1 => {
            let entries = vec![("a".to_owned(), value.clone())];
            (NewType::Map(entries), Node::Map(BTreeMap::from([("a".to_owned(), Slot::Plain(value))])))
        }
        _ => (NewType::List(vec![value.clone(), value.clone()]), Node::List(vec![Slot::Plain(value); 2])),
    }
}

/// Edits the model and the replica alike.
fn edit(model: &mut Model, replica: &mut Replica, (which, what, at, len): Step) {
    let node = which % model.nodes.len();
    let (id, content) = model.nodes[node].clone();
    let value = Value::from(at as u32);
    match content {
        None => {
            let refused = [
                replica.text_len(id).map(drop),
                replica.list_delete(id, 0, 0),
                replica.map_set(id, "a", value.clone()),
                replica.list_insert(id, 0, vec![value]),
            ];
            assert!(refused.iter().all(|refused| *refused == Err(EditError::Deleted)), "{refused:?}");
        }
        Some(Node::Text(content)) => {
            let at = at % (content.len() + 1);
            let len = len.min(content.len() - at);
            let mut edited = content.clone();
            edited.replace_range(at..at + len, "xy");
            model.nodes[node].1 = Some(Node::Text(edited));
            replica.text_delete(id, at as u32, len as u32).unwrap();
            replica.text_insert(id, at as u32, "xy", None).unwrap();
        }
        Some(Node::Map(_)) => {
            let key = KEYS[at % 3];
            let removed = match what {
                0..5 => {
                    let (new, inside) = new_type(at);
                    let made = replica.map_create(id, key, new).unwrap();
                    let slot = model.add(made, inside);
                    model.map(node).insert(key.to_owned(), slot)
                }
                5..10 => {
                    replica.map_set(id, key, value.clone()).unwrap();
                    model.map(node).insert(key.to_owned(), Slot::Plain(value))
                }
                _ => {
                    let removed = model.map(node).remove(key);
                    assert_eq!(replica.map_delete(id, key), Ok(removed.is_some()));
                    removed
                }
            };
            model.remove(removed);
        }
        Some(Node::List(items)) => {
            let index = at % (items.len() + 1);
            match what {
                0..5 => {
                    let (new, inside) = new_type(at);
                    let made = replica.list_create(id, index as u32, new).unwrap();
                    let slot = model.add(made, inside);
                    model.list(node).insert(index, slot);
                }
                5..8 => {
                    replica.list_insert(id, index as u32, vec![value.clone()]).unwrap();
                    model.list(node).insert(index, Slot::Plain(value));
                }
                _ => {
                    let len = len.min(items.len() - index);
                    replica.list_delete(id, index as u32, len as u32).unwrap();
                    let removed: Vec<Slot> = model.list(node).drain(index..index + len).collect();
                    removed.into_iter().for_each(|slot| model.remove(Some(slot)));
                }
            }
        }
    }
}

/// What somebody knows who is only told the changes of the roots.
#[derive(Default)]
struct Mirror {
    map: BTreeMap<String, Value>,
    list: Vec<Value>,
}

impl Mirror {
    fn hear(&mut self, changes: Vec<(TypeId, Vec<PathSegment>, ChangeKind)>, map: TypeId, list: TypeId) {
        for (target, path, kind) in changes {
            if target == map {
                let mut root = Value::from(self.map.clone().into_iter().collect::<HashMap<_, _>>());
                apply(&mut root, &path, &kind);
                let Value::Map(entries) = root else { panic!("{root:?}") };
                self.map = entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            } else if target == list {
                let mut root = Value::from(self.list.clone());
                apply(&mut root, &path, &kind);
                let Value::Array(items) = root else { panic!("{root:?}") };
                self.list = items.to_vec();
            }
        }
    }
}

fn apply(value: &mut Value, path: &[PathSegment], kind: &ChangeKind) {
    match (path, &mut *value) {
        ([PathSegment::Key(key), rest @ ..], Value::Map(entries)) => {
            let mut copy = entries.as_ref().clone();
            apply(copy.get_mut(key).unwrap(), rest, kind);
            *value = copy.into();
        }
        ([PathSegment::Index(index), rest @ ..], Value::Array(items)) => {
            let mut copy = items.to_vec();
            apply(&mut copy[*index as usize], rest, kind);
            *value = copy.into();
        }
        ([], Value::Map(entries)) => {
            let ChangeKind::Map(changes) = kind else { panic!("{kind:?}") };
            let mut copy = entries.as_ref().clone();
            for (key, change) in changes {
                match change.clone() {
                    KeyChange::Add { value } => assert_eq!(copy.insert(key.clone(), value), None),
                    KeyChange::Update { value, .. } => assert!(copy.insert(key.clone(), value).is_some()),
                    KeyChange::Delete { .. } => assert!(copy.remove(key).is_some()),
                }
            }
            *value = copy.into();
        }
        ([], Value::Array(items)) => {
            let mut copy = items.to_vec();
            equivalence::apply_list(&mut copy, kind);
            *value = copy.into();
        }
        ([], Value::String(content)) => {
            let ChangeKind::Text(delta) = kind else { panic!("{kind:?}") };
            let mut model = TextModel::of(&[insert(content, None)]);
            model.apply(delta);
            let units = model.places.iter().map(|place| match place.unit {
                Unit::Code(unit) => unit,
                Unit::Embed(_) => panic!("nothing is embedded here"),
            });
            *value = String::from_utf16(&units.collect::<Vec<_>>()).unwrap().as_str().into();
        }
        (path, value) => panic!("{path:?} leads nowhere in {value:?}"),
    }
}

fn start(client: u64) -> (Replica, Model) {
    let (replica, map, list) = with_roots(client);
    let nodes = vec![(map, Some(Node::Map(BTreeMap::new()))), (list, Some(Node::List(Vec::new())))];
    (replica, Model { nodes })
}

/// Somebody who edits whatever is there, through handles that are opened when they are needed.
struct Peer {
    replica: Replica,
    handles: Vec<TypeId>,
    mirror: Mirror,
}

impl Peer {
    fn new(client: u64) -> Self {
        let (replica, map, list) = with_roots(client);
        Self { replica, handles: vec![map, list], mirror: Mirror::default() }
    }

    /// Edits one of the types that it has a handle of, whatever kind that is.
    fn edit(&mut self, (which, what, at, len): Step) {
        let (replica, id) = (&mut self.replica, self.handles[which % self.handles.len()]);
        let value = Value::from(at as u32);
        let found = if let Ok(size) = replica.text_len(id) {
            let at = at as u32 % (size + 1);
            replica.text_delete(id, at, (len as u32).min(size - at)).unwrap();
            replica.text_insert(id, at, "xy", None).map(|()| None)
        } else if let Ok(size) = replica.list_len(id) {
            let index = at as u32 % (size + 1);
            match what {
                0..3 => replica.list_create(id, index, new_type(at).0).map(Some),
                3..5 => replica.list_insert(id, index, vec![value]).map(|()| None),
                5..7 => replica.list_delete(id, index, (len as u32).min(size - index)).map(|()| None),
                _ => replica.list_open(id, index, [Kind::Text, Kind::Map, Kind::List][what % 3]),
            }
        } else {
            let key = KEYS[at % 3];
            match what {
                0..3 => replica.map_create(id, key, new_type(at).0).map(Some),
                3..4 => replica.map_set(id, key, value).map(|()| None),
                4..5 => replica.map_delete(id, key).map(|_| None),
                _ => replica.map_open(id, key, [Kind::Text, Kind::Map, Kind::List][what % 3]),
            }
        };
        match found {
            Ok(found) => self.handles.extend(found),
            Err(refused) => assert_eq!(refused, EditError::Deleted),
        }
        if what == 11 {
            // It may be deleted.
            let _ = self.replica.observe(id);
        }
    }

    /// Tells its observers, and forgets the handles that are gone.
    fn settle(&mut self) {
        let [map, list] = [self.handles[0], self.handles[1]];
        let changes = told(&mut self.replica);
        self.mirror.hear(changes, map, list);
        let gone = self.replica.forgotten();
        self.handles.retain(|id| !gone.contains(id));
        let entries = self.mirror.map.clone().into_iter().collect::<HashMap<_, _>>();
        assert_eq!(self.replica.map_json(map).unwrap(), Value::from(entries));
        assert_eq!(self.replica.list_json(list).unwrap(), self.mirror.list);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nested_types_hold_what_a_plain_model_holds(steps in steps(60), commits in any::<u64>()) {
        let (mut replica, mut model) = start(1);
        let mut mirror = Mirror::default();
        let (map, list) = (model.nodes[0].0, model.nodes[1].0);
        for (n, step) in steps.into_iter().enumerate() {
            edit(&mut model, &mut replica, step);
            if commits >> (n % 64) & 1 == 1 {
                mirror.hear(told(&mut replica), map, list);
            }
        }
        mirror.hear(told(&mut replica), map, list);
        prop_assert_eq!(replica.map_json(map).unwrap(), model.json(0));
        prop_assert_eq!(Value::from(replica.list_json(list).unwrap()), model.json(1));
        prop_assert_eq!(Value::from(mirror.map.into_iter().collect::<HashMap<_, _>>()), model.json(0));
        prop_assert_eq!(Value::from(mirror.list), model.json(1));
        let alive = model.nodes.iter().filter(|(_, node)| node.is_some()).count();
        prop_assert_eq!(replica.roots.len(), alive);
    }

    #[test]
    fn replicas_that_edit_nested_types_converge(steps in steps(80)) {
        let (mut one, mut two) = (Peer::new(1), Peer::new(2));
        for step in steps {
            let (_, what, at, _) = step;
            if at % 2 == 0 { one.edit(step) } else { two.edit(step) }
            match at % 9 {
                0 => one.settle(),
                1 => two.settle(),
                2 => sync(&mut one.replica, &mut two.replica),
                3 => sync(&mut two.replica, &mut one.replica),
                4 if what < 2 => {
                    let committed = one.replica.poll_committed();
                    committed.iter().for_each(|committed| drop(two.replica.apply(&committed.update, LinkId::TAB)));
                }
                _ => {}
            }
        }
        sync(&mut one.replica, &mut two.replica);
        sync(&mut two.replica, &mut one.replica);
        one.settle();
        two.settle();
        let [map, list] = [one.handles[0], one.handles[1]];
        prop_assert_eq!(one.replica.map_json(map).unwrap(), two.replica.map_json(map).unwrap());
        prop_assert_eq!(one.replica.list_json(list).unwrap(), two.replica.list_json(list).unwrap());
        let mut newcomer = Peer::new(3);
        sync(&mut one.replica, &mut newcomer.replica);
        prop_assert_eq!(one.replica.map_json(map).unwrap(), newcomer.replica.map_json(map).unwrap());
    }
}
