#pragma once

/// What the C library does with memory that the program frees; nothing where it is not glibc.
namespace thz::model {

/// Keeps it. A training step asks for the same hundred megabytes again and again: given back to the
/// kernel in between, every page is cleared and mapped anew. Blocks beyond 32 MB, the most that
/// glibc takes for this, are given back still.
void keep_freed_memory();

/// Gives back what is kept, so that resident memory is what is in use.
void return_freed_memory();

}  // namespace thz::model
