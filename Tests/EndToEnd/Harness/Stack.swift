import TestSupport

/// Nearly every file of these tests speaks of the stack.
typealias Stack = TestSupport.Stack
