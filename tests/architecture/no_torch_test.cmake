# Every shared library that PROGRAM loads, directly or through another, and none of LibTorch's.
execute_process(COMMAND ldd ${PROGRAM} OUTPUT_VARIABLE libraries RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT libraries MATCHES "libstdc\\+\\+")
  message(FATAL_ERROR "ldd ${PROGRAM} does not list its libraries: ${libraries}")
endif()
if(libraries MATCHES "lib(torch|c10|caffe2)[a-z_]*\\.so")
  message(FATAL_ERROR "${PROGRAM} loads LibTorch:\n${libraries}")
endif()
