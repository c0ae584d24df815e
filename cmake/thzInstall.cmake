# find_package(thzface [COMPONENTS core sim ...]) for other projects: targets thz::core, thz::sim, ...
include(CMakePackageConfigHelpers)
set(thz_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/thzface)
get_property(THZ_LIBRARIES GLOBAL PROPERTY THZ_LIBRARIES)
configure_package_config_file(cmake/thzfaceConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/thzfaceConfig.cmake
  INSTALL_DESTINATION ${thz_cmake_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/thzfaceConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/thzfaceConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/thzfaceConfigVersion.cmake
  cmake/FindFFTW3f.cmake cmake/FindRandom123.cmake cmake/FindOpenCVSmall.cmake
  DESTINATION ${thz_cmake_dir})
install(EXPORT thzfaceTargets NAMESPACE thz:: DESTINATION ${thz_cmake_dir})
