//! Sweeps over all routes, permissions and frames.
