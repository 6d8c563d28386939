//! Turns a compiled `.wasm` into the JavaScript and TypeScript glue of the npm package (`wasm-bindgen --target web`).
//!
//! A tool of our own instead of `wasm-bindgen-cli`: pinned by this crate's lock file, built in half a minute, and
//! nothing is installed on the machine. `scripts/build.mjs` builds and runs it.

mod names;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(input), Some(name), Some(folder), None) = (args.next(), args.next(), args.next(), args.next()) else {
        eprintln!("usage: syncline-bindgen <input.wasm> <output name> <output folder>");
        return ExitCode::from(2);
    };
    match generate(&input, &name, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `<name>.js`, `<name>.d.ts` and `<name>_bg.wasm`. The loaders of pkg-template/ say where the wasm is, so the
/// glue must not: a `new URL(…)` in it would make every bundler ship the file, wanted or not.
fn generate(input: &str, name: &str, folder: &str) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(name).typescript(true).omit_default_module_path(true);
    let mut output = bindgen.web(true)?.generate_output()?;
    let module = output.wasm_mut();
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    let shortened = names::shorten(imports.chain(exports));
    output.emit(folder)?;
    for ending in ["js", "d.ts"] {
        let file = Path::new(folder).join(format!("{name}.{ending}"));
        let text = fs::read_to_string(&file)?;
        fs::write(&file, names::replace(text, &shortened))?;
    }
    Ok(())
}
