//! Virtual time: `world` plays a scripted server, `table` holds the rows of field.md, `rules` the rules one by one,
//! `habits` what kinds of servers do, `succession` how a socket is replaced, `waking` what the page and the machine do,
//! `random` every input in every order.

mod habits;
mod random;
mod rules;
mod succession;
mod table;
mod waking;
mod world;
