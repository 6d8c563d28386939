//! Virtual time: `world` plays a scripted server, `table` holds the rows of field.md, `rules` the rules one by one,
//! `waking` what the page and the machine do, `random` every input in every order.

mod random;
mod rules;
mod table;
mod waking;
mod world;
