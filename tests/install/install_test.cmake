# Installs the build tree into an empty folder, then configures, builds and runs a foreign project
# against it. Variables: BUILD_DIR, SOURCE_DIR (of the foreign project), WORK_DIR, GENERATOR,
# CXX_COMPILER, BUILD_TYPE, VERSION, LIBRARIES (space separated).
function(run step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${step} failed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)
set(foreign ${WORK_DIR}/foreign)
run("install" ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
run("configure" ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${foreign} -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
  -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run("build" ${CMAKE_COMMAND} --build ${foreign})
run("the foreign program" ${foreign}/foreign)
string(STRIP "${output}" output)
# 2 pi w0^2 / lambda is 0.41 m, the published depth of focus of the instrument.
set(expected "thzface ${VERSION}, depth of focus 0.41 m")
if(NOT output STREQUAL expected)
  message(FATAL_ERROR "the foreign program says '${output}' instead of '${expected}'")
endif()

# Asking for the lower libraries must not drag in what only the upper ones need.
file(STRINGS ${foreign}/CMakeCache.txt heavy REGEX "^(Torch|HDF5|assimp|OpenCVSmall)_[A-Za-z_]*(DIR|LIBRARY)[A-Z_]*:")
if(heavy)
  message(FATAL_ERROR "find_package(thzface COMPONENTS core sim) searched for: ${heavy}")
endif()

# Without COMPONENTS every library is there, with all that it links, even for a project without C.
file(WRITE ${WORK_DIR}/whole/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(whole LANGUAGES CXX)
find_package(thzface REQUIRED)
add_executable(whole ${SOURCE_DIR}/main.cpp)
foreach(library ${LIBRARIES})
  target_link_libraries(whole PRIVATE thz::\${library})
endforeach()
")
run("configure with all components" ${CMAKE_COMMAND} -S ${WORK_DIR}/whole -B ${WORK_DIR}/whole/build -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE})
run("build with all components" ${CMAKE_COMMAND} --build ${WORK_DIR}/whole/build)

# A component that does not exist is refused in words.
file(WRITE ${WORK_DIR}/absent/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(absent LANGUAGES CXX)
find_package(thzface REQUIRED COMPONENTS radar)
")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK_DIR}/absent -B ${WORK_DIR}/absent/build -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
  RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE error)
if(result EQUAL 0 OR NOT error MATCHES "radar")
  message(FATAL_ERROR "the unknown component 'radar' was not refused by name: ${error}")
endif()
file(REMOVE_RECURSE ${WORK_DIR})
