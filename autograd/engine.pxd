from autograd.doubles cimport Kernels, Node, Operation


cdef class Value(Node):
    pass


cdef Kernels kernels
cdef int _attentive, _watchers

cdef _compared(str sign, compare, Value left, right)
cpdef binary(Operation op, left, right)
cpdef unary(Operation op, Node x)
