//! Makes a new migration known to the compiler: `sqlx::migrate!` reads the folder, which it cannot watch.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
