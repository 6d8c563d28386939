//! Decides how memory is counted: by the bytes that a thread allocated and nobody freed in it, and the most at any time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The allocator of the system, with a count for each thread: tests run side by side.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// Counts from here on.
pub fn begin() {
    NOW.set(0);
    MOST.set(0);
}

/// The most since [`begin`].
pub fn most() -> usize {
    MOST.get()
}

fn note_allocated(bytes: usize) {
    // Nothing is counted of a thread that is about to end.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        MOST.set(MOST.get().max(now.get()));
    });
}

fn note_freed(bytes: usize) {
    // What was allocated before the count began may be freed after it.
    let _ = NOW.try_with(|now| now.set(now.get().saturating_sub(bytes)));
}

#[allow(unsafe_code, reason = "an allocator is unsafe; this one only counts what it passes on")]
// SAFETY: everything is passed on to the allocator of the system as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note_allocated(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        note_freed(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note_freed(layout.size());
        note_allocated(size);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(at, layout, size) }
    }
}
