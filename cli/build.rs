//! Builds the program again when a file of the template comes or goes.

fn main() {
    println!("cargo:rerun-if-changed=../project-template");
}
